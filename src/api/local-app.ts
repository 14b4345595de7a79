/** The rooms that need no server, for commands that run without one. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { FactoryError } from '../factory/factory-error.ts';
import { templatesApi } from './templates/templates-api.ts';

/** `templates`: folders, absolute, first to last. */
export function localApp(templates: readonly string[]) {
  const app = new OpenAPIHono().basePath('/api/v1');
  app.onError((error, c) => {
    if (error instanceof FactoryError) return c.json({ message: error.message }, 400);
    throw error;
  });
  return app.route('/', templatesApi({ directories: { templates, builds: '', secrets: '' } }));
}
