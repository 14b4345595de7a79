import { PassThrough } from 'node:stream';
import type { Client } from 'ssh2';
import { expect, test } from 'vitest';
import { captureCommand, commandLine } from './run.ts';

test('one argument is a line for the far shell, as written', () => {
  expect(commandLine(['echo $HOME | wc -c'])).toBe('echo $HOME | wc -c');
});

test('several arguments are words, each kept whole', () => {
  expect(commandLine(['sh', '-c', "echo it's $HOME"])).toBe(`sh -c 'echo it'\\''s $HOME'`);
});

test('an exit that comes in the packet that opens the channel is heard', async () => {
  const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() });
  const exec = (_command: string, done: (error: undefined, opened: typeof channel) => void) => {
    done(undefined, channel);
    channel.write('said');
    channel.emit('exit', 3);
  };
  const client = { exec } as unknown as Client;
  expect(await captureCommand(client, 'true')).toEqual({ status: 3, stdout: 'said', stderr: '' });
});
