import type { JsonObject } from './json-lines.ts';
import type { Qmp } from './qmp.ts';

interface QomProperty {
  readonly name: string;
  readonly type: string;
}

/** A root port with nothing plugged in, the first by number. */
export async function freePort(qmp: Qmp): Promise<string | undefined> {
  const peripherals = await list(qmp, '/machine/peripheral');
  const ports = peripherals
    .filter(({ type }) => type === 'child<pcie-root-port>')
    .map(({ name }) => name)
    .sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  for (const port of ports) {
    const plugged = (await list(qmp, `/machine/peripheral/${port}/${port}`)).some(({ name }) =>
      name.startsWith('child['),
    );
    if (!plugged) return port;
  }
  return undefined;
}

async function list(qmp: Qmp, path: string): Promise<readonly QomProperty[]> {
  return (await qmp.execute('qom-list', { path } satisfies JsonObject)) as readonly QomProperty[];
}
