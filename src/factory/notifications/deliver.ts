import { postWebhook } from './post-webhook.ts';
import type { Message, Receiver } from './receiver.ts';
import { runCommand } from './run-command.ts';
import { secretFile } from './sign.ts';

/** Throws unless the receiver has it. */
export type Deliver = (receiver: Receiver, message: Message, signal: AbortSignal) => Promise<void>;

export function deliverer(parts: { readonly secrets: string; readonly now: () => Date }): Deliver {
  return async (receiver, message, signal) => {
    if ('command' in receiver) return await runCommand(receiver.command, message, { signal });
    const at = { url: receiver.url, secretFile: secretFile(parts.secrets, receiver.name) };
    await postWebhook(at, message, { at: parts.now(), signal });
  };
}
