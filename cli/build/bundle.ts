import { build } from 'esbuild';

/** What is put into one file each after compiling: the script that draws a report in the browser. `npm run build`. */
await build({
  entryPoints: ['dist/reports/pages/browser/draw.js'],
  outfile: 'dist/reports/pages/page-script.js',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
});
