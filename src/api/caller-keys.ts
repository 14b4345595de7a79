/** With keys of an account of the built-in cloud beside the token, a request acts for that account. */
import type { Context } from 'hono';
import type { Factory } from '../factory/factory.ts';

export const keyHeaders = { id: 'x-ingot-access-key-id', secret: 'x-ingot-secret-access-key' } as const;

export function forCaller(factory: Factory, c: Context): Factory {
  const accessKeyId = c.req.header(keyHeaders.id);
  const secretAccessKey = c.req.header(keyHeaders.secret);
  if (!accessKeyId || !secretAccessKey) return factory;
  const { get } = factory.targets.withKeys({ accessKeyId, secretAccessKey });
  return { ...factory, targets: { ...factory.targets, get } };
}
