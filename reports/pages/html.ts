import type { Fact, Gantt, PageData, Table } from './page-data.js';

/** Height of a Gantt row and of what stands around the rows, in pixels; the browser's script draws to the same measure. */
const ROW_HEIGHT = 18;
const AROUND_ROWS = 110;

const STYLE = `
:root { color-scheme: light; font: 15px/1.45 system-ui, sans-serif; color: #1b1f24; background: #fff; }
body { max-width: 1200px; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.2rem; } .help, .subtitle { color: #57606a; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.2rem; } dt { color: #57606a; } dd { margin: 0; }
.legend span { display: inline-block; margin-right: 1rem; } .legend i { display: inline-block; width: 0.9em; height: 0.9em;
margin-right: 0.35em; vertical-align: -0.1em; border-radius: 2px; }
.scroll { max-height: 32rem; overflow: auto; border: 1px solid #d0d7de; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th { position: sticky; top: 0; background: #f6f8fa; text-align: left; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid #eaeef2; }
input { padding: 0.3rem; margin: 0.4rem 0; width: 20rem; } .count { color: #57606a; margin-left: 0.8rem; }
`;

/** One HTML file that needs no network: the data as JSON, and the script that draws it. */
export function renderHtml(data: PageData, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escape(data.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(data.title)}</h1>
<p class="subtitle">${escape(data.subtitle)}</p>
<dl>${data.facts.map(fact).join('')}</dl>
${data.gantts.map(gantt).join('\n')}
${data.charts.map((chart, i) => section(chart, `<div id="chart-${i}" style="height:360px"></div>`)).join('\n')}
${data.tables.map(table).join('\n')}
<script type="application/json" id="data">${inScript(JSON.stringify(data))}</script>
<script>${inScript(script)}</script>
</body>
</html>
`;
}

const fact = ({ name, value }: Fact): string => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`;

const section = ({ title, help }: { readonly title: string; readonly help: string }, inside: string): string =>
  `<section><h2>${escape(title)}</h2><p class="help">${escape(help)}</p>${inside}</section>`;

function gantt(chart: Gantt, i: number): string {
  const legend = chart.states
    .map(({ name, colour }) => `<span><i style="background:${escape(colour)}"></i>${escape(name)}</span>`)
    .join('');
  const height = chart.rows.length * ROW_HEIGHT + AROUND_ROWS;
  return section(chart, `<p class="legend">${legend}</p><div id="gantt-${i}" style="height:${height}px"></div>`);
}

const table = ({ title, columns }: Table, i: number): string =>
  `<section id="table-${i}"><h2>${escape(title)}</h2><input placeholder="search" aria-label="search ${escape(title)}">` +
  `<span class="count"></span><div class="scroll"><table><thead><tr>${columns
    .map((column) => `<th>${escape(column)}</th>`)
    .join('')}</tr></thead><tbody></tbody></table></div></section>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);

/** Text inside a script element ends at the first "</"; JSON and JavaScript read "<\\/" as the same. */
const inScript = (text: string): string => text.replaceAll('</', '<\\/');
