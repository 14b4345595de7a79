/**
 * Templates are files, so the commands about them need no server: the API's room runs in this process. Where INGOT_URL
 * names a server, it is asked about its own.
 */
import { join } from 'node:path';
import { homeFolder } from '../platform/config.ts';
import { environment } from '../platform/config-environment.ts';
import { packageFacts } from '../platform/package-facts.ts';
import { apiClient } from './api-client.ts';
import { findContext } from './context.ts';

export interface TemplatesClient {
  readonly api: ReturnType<typeof apiClient>['templates'];
  /** Who answers, for errors. */
  readonly url: string;
  readonly from: string;
}

export async function templatesClient(): Promise<TemplatesClient> {
  const from = process.cwd();
  if (environment().INGOT_URL) {
    const context = await findContext();
    return { api: apiClient(context).templates, url: context.url, from };
  }
  const url = 'http://ingot';
  const { localApp } = await import('../api/local-app.ts');
  const app = localApp([join(homeFolder(), 'templates'), join(packageFacts().root, 'templates')]);
  const inProcess = async (input: string | URL | Request, init?: RequestInit) =>
    await app.request(input instanceof URL ? input.href : input, init);
  return { api: apiClient({ url, token: '' }, inProcess).templates, url, from };
}
