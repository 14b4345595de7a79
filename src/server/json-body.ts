import { validator } from 'hono/validator';
import type { z } from 'zod';
import { toRequestProblem } from '../api/room.ts';

/** A request's JSON, or a refusal that names each mistake in it. */
export function body<S extends z.ZodType>(schema: S) {
  return validator('json', (value): z.output<S> => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw toRequestProblem(result.error, 'json');
  });
}
