import { type MessagePort, workerData } from 'node:worker_threads';
import type { HttpAnswer, HttpRequest } from './http-extender.js';

/** Sends what the main thread asks for and wakes it when the answer is in. */
const { port, signal } = workerData as { readonly port: MessagePort; readonly signal: SharedArrayBuffer };
const flag = new Int32Array(signal);

async function send({ url, body, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { name, message } = error as Error;
    return { failure: name === 'TimeoutError' ? 'timeout' : message };
  }
}

port.on('message', async (request: HttpRequest) => {
  port.postMessage(await send(request));
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
});
