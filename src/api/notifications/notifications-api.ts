/** Who is told of what, and whether it arrived. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import {
  type Delivery,
  listDeliveries,
  retryDelivery,
  tryReceiver,
} from '../../factory/notifications/deliveries.ts';
import { noticeEvents } from '../../factory/notifications/notice.ts';
import type { Receiver } from '../../factory/notifications/receiver.ts';
import { secretFile } from '../../factory/notifications/sign.ts';
import { allowed, json, refusals, room } from '../room.ts';

const state = z.enum(['waiting', 'delivered', 'given-up']);

const receiverSchema = z
  .object({
    name: z.string(),
    url: z.string().nullable(),
    command: z.array(z.string()).nullable(),
    secret_file: z.string().nullable().describe('Of a webhook: where the secret of its signatures lies'),
    events: z.array(z.enum(noticeEvents)).describe('What it is told of'),
    templates: z.array(z.string()).nullable().describe('Of these alone; null: of all'),
  })
  .openapi('Receiver');

const deliverySchema = z
  .object({
    notice_id: z.string(),
    receiver: z.string(),
    state,
    attempts: z.number(),
    due_at: z.string().describe('Not tried before'),
    error: z.string().nullable(),
    ended_at: z.string().nullable(),
    at: z.string(),
    event: z.enum(noticeEvents),
    subject: z.string(),
    message: z.string(),
  })
  .openapi('Delivery');

const receiversRoute = createRoute({
  method: 'get',
  path: '/notifications/receivers',
  operationId: 'listReceivers',
  // An address that takes notices can be a secret by itself.
  ...allowed('operator'),
  summary: 'List who is told, as the configuration says',
  responses: { 200: json(z.object({ receivers: z.array(receiverSchema) }), 'The receivers'), ...refusals },
});

const listRoute = createRoute({
  method: 'get',
  path: '/notifications',
  operationId: 'listDeliveries',
  summary: 'List what was told to whom, newest first',
  request: {
    query: z.object({
      state: state.optional(),
      receiver: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
  },
  responses: { 200: json(z.object({ deliveries: z.array(deliverySchema) }), 'The deliveries'), ...refusals },
});

const tryRoute = createRoute({
  method: 'post',
  path: '/notifications/receivers/{receiver}/try',
  operationId: 'tryReceiver',
  summary: 'Send a receiver a notice for trial',
  request: { params: z.object({ receiver: z.string() }) },
  responses: { 200: json(z.object({ notice_id: z.string() }), 'It is on its way'), ...refusals },
});

const retryRoute = createRoute({
  method: 'post',
  path: '/notifications/{notice_id}/{receiver}/retry',
  operationId: 'retryDelivery',
  summary: 'Try a delivery again, from the first attempt on',
  request: { params: z.object({ notice_id: z.string(), receiver: z.string() }) },
  responses: { 200: json(z.object({ notice_id: z.string() }), 'It is on its way'), ...refusals },
});

export function notificationsApi(factory: Factory) {
  return room()
    .openapi(receiversRoute, (c) =>
      c.json({ receivers: factory.receivers.map((receiver) => toReceiver(factory, receiver)) }, 200),
    )
    .openapi(listRoute, async (c) => {
      const deliveries = await listDeliveries(factory, c.req.valid('query'));
      return c.json({ deliveries: deliveries.map(toDelivery) }, 200);
    })
    .openapi(tryRoute, async (c) =>
      c.json({ notice_id: await tryReceiver(factory, c.req.valid('param').receiver) }, 200),
    )
    .openapi(retryRoute, async (c) => {
      const { notice_id: noticeId, receiver } = c.req.valid('param');
      await retryDelivery(factory, { noticeId, receiver });
      return c.json({ notice_id: noticeId }, 200);
    });
}

function toReceiver({ directories }: Factory, receiver: Receiver): z.output<typeof receiverSchema> {
  const isWebhook = 'url' in receiver;
  return {
    name: receiver.name,
    url: isWebhook ? receiver.url : null,
    command: isWebhook ? null : [...receiver.command],
    secret_file: isWebhook ? secretFile(directories.secrets, receiver.name) : null,
    events: [...(receiver.events ?? noticeEvents)],
    templates: receiver.templates === undefined ? null : [...receiver.templates],
  };
}

function toDelivery({ notice, ...delivery }: Delivery): z.output<typeof deliverySchema> {
  return {
    notice_id: delivery.noticeId,
    receiver: delivery.receiver,
    state: delivery.state,
    attempts: delivery.attempts,
    due_at: delivery.dueAt,
    error: delivery.error ?? null,
    ended_at: delivery.endedAt ?? null,
    at: delivery.at,
    event: notice.event,
    subject: notice.subject.name,
    message: notice.message,
  };
}
