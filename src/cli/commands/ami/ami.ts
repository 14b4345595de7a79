import { Command } from 'commander';
import { saveCommand } from '../save.ts';
import { amiAttachCommand } from './attach.ts';
import { amiBinCommand } from './bin.ts';
import { amiBuildCommand } from './build.ts';
import { amiBuildAllCommand } from './build-all.ts';
import { amiBuildsCommand } from './builds.ts';
import { amiCacheCommand } from './cache.ts';
import { amiCancelCommand } from './cancel.ts';
import { amiCleanupCommand } from './cleanup.ts';
import { amiCopyCommand } from './copy.ts';
import { amiCostsCommand } from './costs.ts';
import { amiCreateCommand } from './create.ts';
import { amiDebugCommand } from './debug.ts';
import { amiDeleteCommand } from './delete.ts';
import { amiDiffCommand } from './diff.ts';
import { amiHistoryCommand } from './history.ts';
import { amiImportRegistryCommand } from './import-registry.ts';
import { amiListCommand } from './list.ts';
import { amiLogCommand } from './log.ts';
import { amiPlanCommand } from './plan.ts';
import { amiPreviewCommand } from './preview.ts';
import { amiPromoteCommand } from './promote.ts';
import { amiPublishCommand } from './publish.ts';
import { amiResolveCommand } from './resolve.ts';
import { amiRestoreCommand } from './restore.ts';
import { amiResumeCommand } from './resume.ts';
import { amiRetryCommand } from './retry.ts';
import { amiRevokeCommand } from './revoke.ts';
import { amiRollbackCommand } from './rollback.ts';
import { amiSbomCommand } from './sbom.ts';
import { amiShareCommand } from './share.ts';
import { amiShowCommand } from './show.ts';
import { amiShowVersionCommand } from './show-version.ts';
import { amiStatusCommand } from './status.ts';
import { amiTestCommand } from './test.ts';
import { amiUnpublishCommand } from './unpublish.ts';
import { amiUnrevokeCommand } from './unrevoke.ts';
import { amiUpdateRegistryCommand } from './update-registry.ts';
import { amiUpdateTemplatesCommand } from './update-templates.ts';
import { amiUsageCommand } from './usage.ts';
import { amiValidateCommand } from './validate.ts';

export function amiCommand(): Command {
  return new Command('ami')
    .description('Make images of machines and from templates, and look after their versions')
    .addCommand(saveCommand())
    .addCommand(amiCreateCommand())
    .addCommand(amiStatusCommand())
    .addCommand(amiRetryCommand())
    .addCommand(amiListCommand())
    .addCommand(amiShowCommand())
    .addCommand(amiBuildCommand())
    .addCommand(amiBuildAllCommand())
    .addCommand(amiPlanCommand())
    .addCommand(amiValidateCommand())
    .addCommand(amiBuildsCommand())
    .addCommand(amiLogCommand())
    .addCommand(amiAttachCommand())
    .addCommand(amiDebugCommand())
    .addCommand(amiResumeCommand())
    .addCommand(amiCancelCommand())
    .addCommand(amiCacheCommand())
    .addCommand(amiHistoryCommand())
    .addCommand(amiShowVersionCommand())
    .addCommand(amiDiffCommand())
    .addCommand(amiSbomCommand())
    .addCommand(amiResolveCommand())
    .addCommand(amiPreviewCommand())
    .addCommand(amiTestCommand())
    .addCommand(amiUsageCommand())
    .addCommand(amiPromoteCommand())
    .addCommand(amiRollbackCommand())
    .addCommand(amiRevokeCommand())
    .addCommand(amiUnrevokeCommand())
    .addCommand(amiUpdateTemplatesCommand())
    .addCommand(amiUpdateRegistryCommand())
    .addCommand(amiImportRegistryCommand())
    .addCommand(amiCopyCommand())
    .addCommand(amiShareCommand())
    .addCommand(amiPublishCommand())
    .addCommand(amiUnpublishCommand())
    .addCommand(amiCostsCommand())
    .addCommand(amiDeleteCommand())
    .addCommand(amiCleanupCommand())
    .addCommand(amiBinCommand())
    .addCommand(amiRestoreCommand());
}
