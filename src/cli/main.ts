/** `ingot`: reads the command line, runs one command, and turns what goes wrong into words and an exit code. */
import { Command, CommanderError } from 'commander';
import { packageFacts } from '../platform/package-facts.ts';
import { accountCommand } from './commands/account.ts';
import { amiCommand } from './commands/ami/ami.ts';
import { awsCommand } from './commands/aws.ts';
import { catalogueCommand } from './commands/catalogue/catalogue.ts';
import { connectCommand } from './commands/connect.ts';
import { consoleCommand } from './commands/console.ts';
import { doctorCommand } from './commands/doctor.ts';
import { downCommand } from './commands/down.ts';
import { envCommand } from './commands/env.ts';
import { execCommand } from './commands/exec.ts';
import { imageCommand } from './commands/image.ts';
import { launchCommand } from './commands/launch.ts';
import { listCommand } from './commands/list.ts';
import { nodeCommand } from './commands/node.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { targetCommand } from './commands/target/target.ts';
import { templateCommand } from './commands/template/template.ts';
import { terminateCommand } from './commands/terminate.ts';
import { upCommand } from './commands/up.ts';
import { vaultCommand } from './commands/vault/vault.ts';
import { CliError, describeError, exitCodes } from './errors.ts';
import { paint, say } from './output.ts';

const program = new Command('ingot')
  .description('Your own EC2: launch machines, turn a running one into an image, launch from that.')
  .version(packageFacts().version)
  .enablePositionalOptions()
  .helpCommand(false)
  .showHelpAfterError('(ingot --help lists the commands)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Begin with:
  ingot up --detach              start the server of this home ($INGOT_HOME, ~/.ingot)
  ingot launch tiny web --wait   a first machine
  ingot connect web              a shell on it
  eval "$(ingot env)"            point AWS tools at it, or: ingot aws ec2 describe-instances`,
  );

program.commandsGroup('Server:');
add(upCommand(), downCommand(), statusCommand(), doctorCommand(), nodeCommand());
program.commandsGroup('Machines:');
add(launchCommand(), listCommand(), connectCommand(), execCommand(), consoleCommand());
add(startCommand(), stopCommand(), terminateCommand());
program.commandsGroup('Images from templates:');
add(templateCommand(), amiCommand(), catalogueCommand(), targetCommand());
program.commandsGroup('Images, accounts, tools:');
add(imageCommand(), vaultCommand(), accountCommand(), envCommand(), awsCommand());

function add(...commands: readonly Command[]): void {
  for (const command of commands) {
    for (const each of [command, ...command.commands.flatMap((sub) => [sub, ...sub.commands])]) {
      each.copyInheritedSettings(program).exitOverride();
    }
    program.addCommand(command);
  }
}

// Who reads us may have seen enough: ingot … | head
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.done);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are no mistakes; the rest commander has explained.
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } else {
    say(`${paint('red', '✗')} ${describeError(error)}`);
    process.exitCode = error instanceof CliError ? error.exitCode : exitCodes.failed;
  }
}
