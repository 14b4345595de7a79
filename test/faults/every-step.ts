/** Kills the server at each step of a call, starts it again, and holds what is then there to what must be. */
import type { KillableServer, ServerHome } from './killable-server.ts';
import type { Moment } from './server-child.ts';

export interface Scenario<Made, Answer> {
  /** What the call needs; `last` is what it had at the step before. */
  readonly prepare: (server: KillableServer, last: Made | undefined) => Promise<Made>;
  readonly call: (server: KillableServer, made: Made) => Promise<Answer>;
  /** What must hold when the server is at rest again. `answer` is undefined where the call got none. */
  readonly check: (server: KillableServer, made: Made, answer: Answer | undefined) => Promise<void>;
}

/** Answers how many steps there were. */
export async function killAtEachStep<Made, Answer>(
  home: ServerHome,
  scenario: Scenario<Made, Answer>,
  moments: readonly Moment[],
): Promise<number> {
  let server = await home.start();
  let last: Made | undefined;
  let step = 1;
  try {
    for (; ; step += 1) {
      const made = await scenario.prepare(server, last);
      last = made;
      await server.atRest();
      await server.arm(step, moments);
      const { killed, answer } = await callKilled(server, () => scenario.call(server, made));
      if (killed) {
        await server.close();
        server = await home.start();
      }
      await server.atRest();
      await scenario.check(server, made, answer);
      await server.atRest();
      if (!killed) return step - 1;
    }
  } catch (cause) {
    throw new Error(`step ${step}, last killed ${await home.killedAt()}`, { cause });
  } finally {
    await server.close();
  }
}

async function callKilled<Answer>(server: KillableServer, call: () => Promise<Answer>) {
  const called = call();
  const finished = called.then(() => server.atRest()).then(() => server.disarm());
  const killed = await Promise.race([
    server.died.then(() => true),
    finished.then(
      () => false,
      () => undefined,
    ),
  ]);
  if (killed === false) return { killed, answer: await called };
  // The connection breaks a moment before the end of the process is known.
  if (killed === undefined) await Promise.race([server.died, failed(finished)]);
  return { killed: true, answer: await called.catch(() => undefined) };
}

/** Throws what was wrong with a server that lives on. */
async function failed(finished: Promise<void>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  await finished;
}
