/** The rooms that need no server, for commands that run without one. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { requestId } from 'hono/request-id';
import { silentLog } from '../platform/log.ts';
import { answerProblem } from './problem.ts';
import { templatesApi } from './templates/templates-api.ts';

/** `templates`: folders, absolute, first to last. */
export function localApp(templates: readonly string[]) {
  const app = new OpenAPIHono().basePath('/api/v1');
  app.use(requestId());
  // Who asks is told; there is no log to write to.
  app.onError((error, c) => answerProblem(error, c, silentLog));
  return app.route('/', templatesApi({ directories: { templates, builds: '', secrets: '' } }));
}
