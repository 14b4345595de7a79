/** The peer: moto's server in a process of its own, with as many images as ours, made inside it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { EC2 } from '@aws-sdk/client-ec2';
import { standing, standOut } from './questions.ts';

const account = '123456789012';

const program = `
import sys
from moto.ec2.models import ec2_backends
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
region, count, stand_out, name, team = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
backend = ec2_backends['${account}'][region]
backend.amis.clear()
for number in range(count):
    stands = number < stand_out
    image = backend.register_image(f'{name if stands else "golden"}-{number:05}', 'One of many')
    image.add_tags({'team': team if stands else f'team-{number % 50}', 'version': f'1.{number}.0'})
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
`;

export interface Moto {
  readonly ec2: EC2;
  stop(): Promise<void>;
}

/** Undefined where this machine's python3 has no moto. */
export async function startMoto(images: number, region: string): Promise<Moto | undefined> {
  if (spawnSync('python3', ['-c', 'import moto.server'], { stdio: 'ignore' }).status !== 0) return undefined;
  const args = [region, String(images), String(standOut), standing.name, standing.team];
  const child = spawn('python3', ['-c', program, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  const port = await firstLine(child);
  const ec2 = new EC2({
    region,
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  return {
    ec2,
    stop: async () => {
      ec2.destroy();
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('moto says nothing');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('moto ended before it served');
}
