import type { Message } from './receiver.ts';
import { webhookHeaders, webhookSecret } from './sign.ts';

const deadlineMs = 15_000;

/** Throws unless the receiver says that it has it. A redirection is none: the message was signed for this address. */
export async function postWebhook(
  { url, secretFile }: { readonly url: string; readonly secretFile: string },
  { id, body }: Message,
  { at, signal }: { readonly at: Date; readonly signal: AbortSignal },
): Promise<void> {
  const secret = await webhookSecret(secretFile);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...webhookHeaders(secret, { id, at, body }) },
    body,
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${new URL(url).host} answered ${answer.status}`);
}
