import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { startRun } from '../../scenarios/index.js';
import { launchChromium } from './chromium.js';

const GALLERY_01 = 'scenarios/gallery/01-node-crash';
const scenario = readFileSync(join(GALLERY_01, 'scenario.yaml'), 'utf8');
const files = { 'shop.yaml': readFileSync(join(GALLERY_01, 'shop.yaml'), 'utf8') };

/** The library as one script for browsers; a module of Node's anywhere in it does not resolve. */
async function bundleLibrary(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['dist/scenarios/index.js'],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'kubewhen',
    platform: 'browser',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

/** Runs to the end, in whatever runtime this is called. */
const RUN = `(([scenario, files]) => {
  const run = kubewhen.startRun(scenario, { files });
  const result = run.finish();
  return { result: JSON.stringify(result), pods: JSON.stringify(run.rows('pods')) };
})`;

describe('engine and models in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it('run gallery 01 to the same fingerprint, the same story and the same rows as in Node', async () => {
    const page = await (await browser.newContext({ offline: true })).newPage();
    await page.addScriptTag({ content: await bundleLibrary() });
    const found = await page.evaluate<{ result: string; pods: string }>(`${RUN}(${JSON.stringify([scenario, files])})`);
    const run = startRun(scenario, { files });
    const result = run.finish();
    expect(JSON.parse(found.result)).toEqual(JSON.parse(JSON.stringify(result)));
    expect(JSON.parse(found.result).fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(found.pods).toBe(JSON.stringify(run.rows('pods')));
  });
});
