// Every subcommand, one line each, in the order of --help and docs/cli.md.

import { auditCommand } from './audit'
import { backupCommand, restoreCommand } from './backup'
import { checkCommand } from './check'
import type { CliCommand } from './cli-command'
import { redactCommand } from './redact'
import { replayCommand } from './replay'
import { resetAndRunCommand } from './reset-and-run'
import { runserverCommand } from './runserver'
import { syncdbCommand } from './syncdb'
import { createtokenCommand, deletetokenCommand, listtokensCommand } from './tokens'
import { uploadCommand } from './upload'
import {
  changepasswordCommand,
  createsuperuserCommand,
  createuserCommand,
  disableuserCommand,
  enableuserCommand,
  listusersCommand,
  setroleCommand,
} from './users'

export const commands: readonly CliCommand[] = [
  syncdbCommand,
  checkCommand,
  backupCommand,
  restoreCommand,
  redactCommand,
  createsuperuserCommand,
  createuserCommand,
  changepasswordCommand,
  setroleCommand,
  disableuserCommand,
  enableuserCommand,
  listusersCommand,
  runserverCommand,
  resetAndRunCommand,
  uploadCommand,
  replayCommand,
  createtokenCommand,
  listtokensCommand,
  deletetokenCommand,
  auditCommand,
]
