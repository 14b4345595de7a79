import { Command } from 'commander';
import { loadConfig } from '../../platform/config.ts';
import { readServerRecord } from '../../server/server-record.ts';
import { portOption } from '../options.ts';
import { paint, print, say } from '../output.ts';
import { startServer } from '../server-process.ts';
import { endSignal } from '../signals.ts';

interface UpOptions {
  readonly port?: number;
  readonly detach?: true;
}

export function upCommand(): Command {
  return new Command('up')
    .description('Start the server of this home')
    .addOption(portOption())
    .option('-d, --detach', 'run it in the background; returns once it is ready')
    .action(async (options: UpOptions) => {
      if (options.detach) await detached(options);
      else await foreground(options);
    });
}

async function detached(options: UpOptions): Promise<void> {
  const { home } = await loadConfig();
  const running = await readServerRecord(home);
  if (running !== undefined) return say(`Ingot runs already at ${running.url} (process ${running.pid})`);
  const { url } = await startServer(options);
  welcome(url, home);
}

async function foreground(options: UpOptions): Promise<void> {
  const { openServer } = await import('../../server/open-server.ts');
  const config = await loadConfig({ port: options.port });
  const server = await openServer(config);
  welcome(server.url, config.home);
  if (process.stdout.isTTY) print(paint('dim', 'Ctrl-C ends the server; machines run on.'));
  await endSignal();
  await server.close();
  print('\nThe server has ended');
  process.exit(0);
}

function welcome(url: string, home: string): void {
  print(`${paint('green', '✓')} Ingot serves EC2 at ${paint('bold', url)}  ${paint('dim', `home ${home}`)}`);
  print(`  ingot launch tiny web --wait   a first machine (the first launch builds its image)`);
  print(`  eval "$(ingot env)"            point AWS tools here`);
}
