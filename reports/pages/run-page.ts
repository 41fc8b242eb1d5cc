import { formatDuration } from '../../engine/index.js';
import type { MeasuredRun } from '../measures/measure.js';
import type { RunResults } from '../sources/folder.js';
import type { RunSummary } from '../sources/run-summary.js';
import { allocationCharts } from './allocation-charts.js';
import { faultMarks, faultSections } from './fault-sections.js';
import { nodeGantt } from './node-gantt.js';
import type { Fact, PageData, Section } from './page-data.js';
import { podGantt } from './pod-gantt.js';
import { restartChart } from './restart-chart.js';
import {
  actionsTable,
  availabilityTable,
  eventsTable,
  expectationsTable,
  figuresTable,
  settingsTable,
} from './run-tables.js';
import { schedulingTables } from './scheduling-tables.js';
import { serviceChart } from './service-chart.js';
import { serviceGantt } from './service-gantt.js';

/** What the page of a run shows, broken expectations first. A timeline that was not recorded leaves its section out. */
export function runPage({ summary, timelines }: RunResults): PageData {
  const run: MeasuredRun = { endsAt: summary.ranUntil, faults: summary.faults, timelines };
  const marks = faultMarks(summary.faults);
  const isBroken = summary.expectations.some(({ ok }) => !ok);
  const expectations = summary.expectations.length > 0 ? expectationsTable(summary.expectations) : undefined;
  const sections: readonly (Section | undefined)[] = [
    isBroken ? expectations : undefined,
    ...faultSections(summary.faults),
    timelines.nodes && nodeGantt(run, marks),
    timelines.pods && podGantt(run, marks),
    timelines.endpoints && serviceGantt(run, marks),
    timelines.endpoints && serviceChart(run, marks),
    timelines.containers && restartChart(run, marks),
    ...allocationCharts(run, marks),
    figuresTable(run),
    availabilityTable(run),
    isBroken ? undefined : expectations,
    ...schedulingTables(timelines),
    summary.actions.length > 0 ? actionsTable(summary.actions) : undefined,
    timelines.events && eventsTable(run),
    settingsTable(summary.settings),
  ];
  return {
    title: summary.name,
    subtitle: `${formatDuration(summary.ranUntil)} of virtual time, Kubernetes ${summary.kubernetesVersion}`,
    facts: factsOf(summary),
    sections: sections.filter((section) => section !== undefined),
  };
}

function factsOf(summary: RunSummary): readonly Fact[] {
  const inert = summary.inert.map(({ kind, count }) => `${count} ${kind}`);
  return [
    { name: 'Seed', value: String(summary.seed) },
    { name: 'Kubernetes', value: summary.kubernetesVersion },
    { name: 'kubewhen', value: summary.version },
    { name: 'Fingerprint', value: `${summary.fingerprint} (${summary.eventCount} events of the simulation)` },
    { name: 'Time zero', value: summary.startTime },
    ...(inert.length > 0 ? [{ name: 'Stored, nothing acts on it', value: inert.join(', ') }] : []),
    ...(summary.unsupported.length > 0
      ? [{ name: 'Settings without effect here', value: summary.unsupported.join(', ') }]
      : []),
  ];
}
