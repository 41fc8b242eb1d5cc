import { readFileSync } from 'node:fs';

/** The script that draws a page, bundled with its charts by the build. */
export const pageScript = (): string => readFileSync(new URL('./page-script.js', import.meta.url), 'utf8');
