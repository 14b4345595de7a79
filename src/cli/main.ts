/** `ingot`: reads the command line, runs one command, and turns what goes wrong into words and an exit code. */
import { CommanderError } from 'commander';
import { CliError, describeError, exitCodes } from './errors.ts';
import { paint, say } from './output.ts';
import { ingotProgram } from './program.ts';

// Who reads us may have seen enough: ingot … | head
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.done);
});

try {
  await ingotProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are no mistakes; the rest commander has explained.
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } else {
    say(`${paint('red', '✗')} ${describeError(error)}`);
    process.exitCode = error instanceof CliError ? error.exitCode : exitCodes.failed;
  }
}
