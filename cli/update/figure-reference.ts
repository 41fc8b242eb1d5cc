import { MEASURES } from '../../reports/index.js';
import { GENERATED_NOTE } from './scenario-reference.js';

/** docs/reference/figures.md: what sweeps and reports measure. */
export const renderFigureReference = (): string =>
  [
    '# Figures',
    GENERATED_NOTE,
    [
      'Columns of the `runs.csv` and `summary.csv` of a sweep, and of the table "Figures" in a report. A cell is empty where a run',
      'has no such figure: it did not come to that, or not before the run ended. So a mean says over how many runs it was taken.',
      'Faults that strike at the same instant count as one; quantiles are of type 7, as in R and NumPy.',
    ].join('\n'),
    [
      '| figure | unit | read from | what it is |',
      '| --- | --- | --- | --- |',
      ...MEASURES.map(({ name, unit, reads, help }) => {
        const sources = reads.length === 0 ? 'summary.json' : reads.map((source) => `\`${source}\``).join(', ');
        return `| \`${name}\` | ${unit} | ${sources} | ${help} |`;
      }),
      '| `failed_expectations` | count | summary.json | Expectations of the scenario that did not hold |',
      '| `events` | count | summary.json | Events of the simulation that the run took |',
    ].join('\n'),
    '',
  ].join('\n\n');
