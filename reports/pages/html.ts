import { ganttHeight } from './layout.js';
import type { Fact, Gantt, LineChart, PageData, Section, Table } from './page-data.js';
import { STYLE } from './style.js';

/** One HTML file that needs no network: the data as JSON, and the script that draws it. */
export function renderHtml(data: PageData, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escape(data.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escape(data.title)}</h1>
<p class="subtitle">${escape(data.subtitle)}</p>
<dl>${data.facts.map(fact).join('')}</dl>
<nav aria-label="sections">${data.sections.map(({ title }, i) => `<a href="#section-${i}">${escape(title)}</a>`).join('')}</nav>
<noscript><p>This page draws itself with JavaScript, which is switched off.</p></noscript>
</header>
<main>
${data.sections.map(section).join('\n')}
</main>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>${inScript(script)}</script>
</body>
</html>
`;
}

const fact = ({ name, value }: Fact): string => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`;

const section = (shown: Section, i: number): string =>
  `<section id="section-${i}"${isNarrow(shown) ? ' class="half"' : ''}><h2>${escape(shown.title)}</h2>` +
  `<p class="help">${escape(shown.help)}</p>${inside(shown)}</section>`;

/** Time needs the whole width; other curves stand two in a line. */
const isNarrow = (shown: Section): boolean => shown.kind === 'chart' && shown.x.type !== 'time';

function inside(shown: Section): string {
  switch (shown.kind) {
    case 'gantt':
      return gantt(shown);
    case 'chart':
      return chart(shown);
    case 'table':
      return table(shown);
  }
}

/** The legend has the states that occur. */
function gantt({ states, spans, rows, title }: Gantt): string {
  const used = new Set(spans.map(({ state }) => state));
  const legend = states
    .filter((_, place) => used.has(place))
    .map(({ name, colour }) => `<span><i style="background:${escape(colour)}"></i>${escape(name)}</span>`)
    .join('');
  return `<p class="legend">${legend}</p>${drawing(title, ganttHeight(rows.length))}`;
}

const CHART_HEIGHT = 340;

const chart = ({ title }: LineChart): string => drawing(title, CHART_HEIGHT);

const drawing = (title: string, height: number): string =>
  `<div class="drawing" role="img" aria-label="${escape(title)}" style="height:${height}px"></div>`;

const table = ({ title, columns }: Table): string =>
  `<input type="search" placeholder="search" aria-label="search ${escape(title)}"><span class="count" role="status"></span>` +
  `<div class="scroll"><table><thead><tr>${columns
    .map((column) => `<th scope="col">${escape(column)}</th>`)
    .join('')}</tr></thead><tbody></tbody></table></div>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);

/** A script element ends at "</script", and "<!--" changes how it is read; in strings JavaScript reads "\\/" and "\\!" as "/" and "!". */
const inScript = (text: string): string => text.replace(/<\/(?=script)/gi, '<\\/').replaceAll('<!--', '<\\!--');
