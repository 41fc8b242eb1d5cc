import { build } from 'esbuild';

/** The script that draws a report in the browser, in one file. */
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

/** The front of the command line with its parser, in one file; what the commands need stays outside until one is called. */
await build({
  entryPoints: ['dist/cli/main.js'],
  outfile: 'dist/cli/kubewhen.js',
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['./dist/cli/commands/*', './dist/cli/model.js', './dist/scenarios/*'],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  legalComments: 'none',
  logLevel: 'warning',
});
