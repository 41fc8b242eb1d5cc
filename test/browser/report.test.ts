import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { kubernetes } from '../../models/cluster.js';
import { writeReport } from '../../reports/index.js';
import { loadScenario } from '../../scenarios/load.js';
import { runToFolder } from '../../scenarios/run/to-folder.js';
import { launchChromium } from './chromium.js';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  /** What the page asked for besides itself, and what went wrong in it. */
  readonly complaints: readonly string[];
}

/** Opens the report of these results from the disk, without a network, and waits until it says that all is drawn. */
async function open(results: string): Promise<Opened> {
  const file = pathToFileURL(writeReport(results, join(folder, 'report.html'))).href;
  const context = await browser.newContext({ offline: true, viewport: { width: 1300, height: 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => {
    if (request.url() !== file && !request.url().startsWith('data:')) {
      complaints.push(`request for ${request.url()}`);
    }
  });
  await page.goto(file);
  await page.waitForFunction("document.documentElement.dataset.drawn === 'yes'");
  return { page, complaints };
}

const section = (page: Page, title: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

const textsIn = async (page: Page, title: string): Promise<readonly string[]> =>
  section(page, title).locator('svg text').allTextContents();

describe('the report of a run', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open('test/reports/example-run');
  });

  it('draws itself without a request and without an error', () => {
    expect(opened.complaints).toEqual([]);
  });

  it('has a row for each node and for each pod under its owner, the fault as a line, and states as words', async () => {
    const { page } = opened;
    const nodes = await textsIn(page, 'Nodes');
    expect(nodes).toEqual(
      expect.arrayContaining(['worker-0', 'worker-1', 'worker-2', 'NodeCrash', 'healed', 'Unknown']),
    );
    const pods = await textsIn(page, 'Pods');
    expect(pods).toEqual(
      expect.arrayContaining([
        'default: ReplicaSet/web-7d9f',
        'web-7d9f-a',
        'web-7d9f-b',
        'web-7d9f-c',
        'web-7d9f-d',
        'batch: pods without an owner',
        'crasher',
        'batch: Job/big',
        'big',
        'Terminating',
      ]),
    );
  });

  it('draws a bar for each stretch of a node', async () => {
    const bars = section(opened.page, 'Nodes').locator('svg path[fill="#d55e00"]');
    // Unknown without a taint, with NoSchedule, and from 655.1 s on with NoExecute.
    expect(await bars.count()).toBe(3);
    const box = await bars.last().boundingBox();
    const drawing = await section(opened.page, 'Nodes').locator('.drawing').boundingBox();
    // To 1530 of 1800 s; the drawing's 290 and 20 pixels at its sides are not time.
    expect(box?.width).toBeCloseTo((((drawing?.width ?? 0) - 310) * (1530 - 655.1)) / 1800, 0);
  });

  it('says more when a bar is pointed at', async () => {
    const { page } = opened;
    await section(page, 'Nodes').locator('svg path[fill="#d55e00"]').last().hover();
    await page.getByText('worker-0: Unknown, 10m55.1s to 25m30s').waitFor();
  });

  it('finds events by words', async () => {
    const events = section(opened.page, 'Events');
    expect(await events.locator('tbody tr').count()).toBe(13);
    expect(await events.getByRole('status').textContent()).toBe('13 rows');
    await events.getByRole('searchbox').fill('crasher BACK-OFF');
    expect(await events.locator('tbody tr').count()).toBe(2);
    await events.getByRole('searchbox').fill('<v2>');
    expect(await events.getByRole('status').textContent()).toBe('1 row');
    expect(await events.locator('tbody').textContent()).toContain('"registry.example/web:<v2>" already present');
    await events.getByRole('searchbox').fill('no such thing');
    expect(await events.locator('tbody tr').count()).toBe(0);
  });

  it('fits a narrow window', async () => {
    const { page } = opened;
    await page.setViewportSize({ width: 700, height: 900 });
    await page.waitForFunction('document.querySelector("svg").clientWidth < 700');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(700);
  });
});

describe('the report of gallery 01', () => {
  it('draws its nodes and pods, without a request and without an error', async () => {
    const results = join(folder, 'gallery-01');
    const scenario = loadScenario('scenarios/gallery/01-node-crash/scenario.yaml', kubernetes);
    await runToFolder(scenario, { model: kubernetes, out: results });
    const { page, complaints } = await open(results);
    expect(complaints).toEqual([]);
    expect(await textsIn(page, 'Nodes')).toEqual(
      expect.arrayContaining(['node-0', 'node-1', 'node-2', 'node-3', 'NodeCrash', 'Unknown']),
    );
    const pods = (await textsIn(page, 'Pods')).filter((text) => /^cart-[0-9a-z]+-[0-9a-z]{5}$/.test(text));
    // Six replicas, and one in place of the one that was on node-1.
    expect(new Set(pods).size).toBe(7);
  });
});

describe('the report of a sweep', () => {
  it('draws a curve for each figure and axis, without a request and without an error', async () => {
    const { page, complaints } = await open('test/reports/example-sweep');
    expect(complaints).toEqual([]);
    const titles = await page.locator('h2').allTextContents();
    expect(titles).toEqual([
      'detection_s by grace',
      'detection_s by nodes',
      'recovery_s by grace',
      'recovery_s by nodes',
      'Variants',
      'Runs',
    ]);
    expect(await textsIn(page, 'detection_s by nodes')).toEqual(
      expect.arrayContaining(['grace 20s', 'grace 50s', 'grace 2m', 'nodes', 'detection_s']),
    );
    expect(await section(page, 'Variants').locator('tbody tr').count()).toBe(6);
  });
});
