import { validator } from 'hono/validator';
import type { z } from 'zod';

/** A request's JSON, or an answer that names each mistake in it. */
export function body<S extends z.ZodType>(schema: S) {
  return validator('json', (value, c): z.output<S> | Response => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const problems = result.error.issues.map(
      (issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`,
    );
    return c.json({ message: problems.join('; ') }, 400);
  });
}
