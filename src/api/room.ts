/** What the routes of every room share. Fields of bodies are snake_case; paths are plural nouns. */
import { OpenAPIHono, z } from '@hono/zod-openapi';

/** A room's app: what doesn't fit its schema is refused with every problem, by field. */
export function room(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const problems = result.error.issues.map(
        (issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`,
      );
      return c.json({ message: problems.join('; ') }, 400);
    },
  });
}

export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** For `responses`: whatever else can come is a message in words. */
export const refusals = {
  400: json(z.object({ message: z.string() }), 'What was given breaks a rule'),
  404: json(z.object({ message: z.string() }), 'There is no such thing'),
  409: json(z.object({ message: z.string() }), 'Something is in the way'),
  502: json(z.object({ message: z.string() }), 'The target refused or does not answer'),
};
