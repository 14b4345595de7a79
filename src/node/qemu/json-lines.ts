import type { Socket } from 'node:net';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Calls `take` for each JSON object that arrives, one a line. 0xFF starts the guest agent's answer to a sync. */
export function readJsonLines(
  socket: Socket,
  take: (message: JsonObject) => void,
  broken: (error: Error) => void,
): void {
  let rest = '';
  // Latin 1 keeps 0xFF apart; what matters in these protocols is ASCII.
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const text = line.replaceAll('\xff', '').trim();
      if (text === '') continue;
      try {
        take(JSON.parse(text) as JsonObject);
      } catch (error) {
        broken(new Error(`no JSON: ${text.slice(0, 200)}`, { cause: error }));
        return;
      }
    }
  });
}
