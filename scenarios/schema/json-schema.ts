import * as z from 'zod';
import { scenario } from './scenario.js';
import { toJsonSchema } from './shapes.js';
import { sweep } from './sweep.js';

/** The JSON Schema of the files that kubewhen reads, for editors to complete and check them. */
export const fileSchema = (): Record<string, unknown> => ({
  $id: 'kubewhen.schema.json',
  title: 'kubewhen',
  ...toJsonSchema(z.union([scenario, sweep])),
});
