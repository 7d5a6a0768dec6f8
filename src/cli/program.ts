// The command line: every subcommand, and what a failure looks like.

import { SQLiteError } from 'bun:sqlite'
import { Command, CommanderError, Option } from 'commander'
import { version } from '../../package.json'
import { BadSetting, readSettings, type Settings, settings } from '../config'
import { HttpError } from '../http/errors'
import { CannotListen } from '../server'
import { DatabaseUnusable } from '../storage/sqlite'
import { addResetAndRun } from './reset-and-run'
import { addRunserver } from './runserver'
import { addSyncdb } from './syncdb'
import { Failure, WrongUsage, warn } from './terminal'
import { addCreatetoken, addDeletetoken, addListtokens } from './tokens'
import { addChangepassword, addCreatesuperuser } from './users'

type Environment = Record<string, string | undefined>

/** Runs the command that `argv` names. @returns the exit code: 0, 1 failure, 2 wrong usage. */
export async function run(argv: string[], environment: Environment): Promise<number> {
  try {
    await createProgram(environment).parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // it has said what is wrong
    if (error instanceof WrongUsage || error instanceof BadSetting) {
      warn(error.message)
      return 2
    }
    if (error instanceof Failure || error instanceof DatabaseUnusable || error instanceof CannotListen) {
      warn(error.message)
    } else if (error instanceof HttpError && typeof error.body.detail === 'string') {
      warn(error.body.detail)
    } else if (error instanceof SQLiteError) {
      warn(
        `The database failed: ${error.message} (${error.code}). Restore it from a backup, or choose another file.`,
      )
    } else {
      warn(`Unexpected failure: ${error instanceof Error ? error.stack : error}`)
    }
    return 1
  }
}

export function createProgram(environment: Environment): Command {
  const program = new Command('avocado-server')
    .description('The results server of the Avocado test framework')
    .version(version, '--version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .showHelpAfterError('(--help says more)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
  let running = program
  program.hook('preAction', (_, command) => {
    running = command
  })
  const read = (): Settings => readSettings(running.optsWithGlobals(), environment)
  addSettings(program, false)
  addSyncdb(program, read)
  addCreatesuperuser(program, read)
  addChangepassword(program, read)
  addRunserver(program, read, (command) => addSettings(command, true))
  addResetAndRun(program, read, (command) => addSettings(command, true))
  addCreatetoken(program, read)
  addListtokens(program, read)
  addDeletetoken(program, read)
  return program
}

function addSettings(command: Command, serving: boolean): Command {
  for (const setting of Object.values(settings)) {
    if ('serving' in setting !== serving) continue
    const description = `${setting.description} (${setting.variable}; default: ${setting.default})`
    command.addOption(new Option(setting.flag, description))
  }
  return command
}
