import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Micros } from '../../engine/index.js';
import { type AnyObject, encode } from '../../models/api/index.js';
import type { ExtenderCall, ExtenderReply } from '../../models/scheduler/index.js';

export interface HttpRequest {
  readonly url: string;
  readonly body: unknown;
  readonly timeoutMs: number;
}

export type HttpAnswer = { readonly status: number; readonly text: string } | { readonly failure: string };

/** A thread that posts to webhooks while the simulation stands still. */
export interface HttpExtenders {
  readonly call: ExtenderCall;
  close(): Promise<void>;
}

const MICROS_PER_MILLISECOND = 1000;
/** Added to a call's own time-out before the thread itself is given up. */
const GRACE_MS = 1000;

/**
 * Calls scheduler extenders over HTTP. The answer's content counts, its real duration does not: each call takes `latency` of virtual
 * time, a call that is not answered in time its time-out.
 * @param startTime Unix seconds of virtual time zero, for the times in what is sent
 */
export function httpExtenders(latency: Micros, startTime: number): HttpExtenders {
  const signal = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const flag = new Int32Array(signal);
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('./http-worker.js', import.meta.url), {
    workerData: { port: port2, signal },
    transferList: [port2],
  });
  worker.unref();
  port1.unref();
  const call: ExtenderCall = ({ url, body, timeout }) => {
    const timeoutMs = Math.max(1, timeout / MICROS_PER_MILLISECOND);
    Atomics.store(flag, 0, 0);
    port1.postMessage({ url, body: asSent(body, startTime), timeoutMs } satisfies HttpRequest);
    const outcome = Atomics.wait(flag, 0, 0, timeoutMs + GRACE_MS);
    const answer = outcome === 'timed-out' ? undefined : receiveMessageOnPort(port1)?.message;
    return replyOf(url, (answer ?? { failure: 'timeout' }) as HttpAnswer, latency, timeout);
  };
  return {
    call,
    close: async () => {
      port1.close();
      await worker.terminate();
    },
  };
}

/** Objects inside a request as the API writes them. */
function asSent(value: unknown, startTime: number): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => asSent(item, startTime));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if ('kind' in value && 'apiVersion' in value) {
    return encode(value as AnyObject, startTime);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asSent(item, startTime)]));
}

function replyOf(url: string, answer: HttpAnswer, latency: Micros, timeout: Micros): ExtenderReply {
  if ('failure' in answer) {
    const isLate = answer.failure === 'timeout';
    const error = isLate ? `Post "${url}": context deadline exceeded` : `Post "${url}": ${answer.failure}`;
    return { ok: false, error, took: isLate ? timeout : latency };
  }
  if (answer.status !== 200) {
    const action = url.slice(url.lastIndexOf('/') + 1);
    const error = `failed ${action} with extender at URL ${url}, code ${answer.status}`;
    return { ok: false, error, took: latency };
  }
  try {
    return { ok: true, body: JSON.parse(answer.text), took: latency };
  } catch (error) {
    return { ok: false, error: (error as Error).message, took: latency };
  }
}
