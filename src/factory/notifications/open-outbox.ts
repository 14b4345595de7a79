/** The outbox of a home, as long as its server runs. */
import { type Repetition, repeat } from '../../platform/repeat.ts';
import { type OutboxParts, sendDue } from './outbox.ts';
import { secretFile, webhookSecret } from './sign.ts';

const everyMs = 1000;

/** Each webhook has its secret from here on. */
export async function openOutbox(parts: OutboxParts & { readonly secrets: string }): Promise<Repetition> {
  for (const receiver of parts.receivers) {
    if ('url' in receiver) await webhookSecret(secretFile(parts.secrets, receiver.name));
  }
  return repeat({
    everyMs,
    work: async (signal) => {
      while (!signal.aborted && (await sendDue(parts, signal)) > 0);
    },
    onError: (error) => parts.log.error({ err: error }, 'Notices could not be sent; they are tried again'),
  });
}
