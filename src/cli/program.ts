// Builds the command line with commander, runs it, and prints failures.

import { Command, CommanderError, Option } from 'commander'
import { version } from '../../package.json'
import { DomainError } from '../lib/errors'
import { describeSystemError } from '../lib/system-errors'
import { BackupFailed } from '../operations/backups/failures'
import { CannotListen } from '../server/listener'
import { isEngineError } from '../storage/engine-errors'
import { DatabaseUnusable } from '../storage/errors'
import { followLinks } from '../storage/sqlite/file-names'
import { commands } from './commands'
import { type Group, InvalidSetting, readSettings, type Setting, type Settings, settings } from './settings'
import { Failure, UsageError, warn } from './terminal'

/** Errors whose message is a sentence for the user. */
const userErrors = [Failure, DatabaseUnusable, CannotListen, BackupFailed]

type Environment = Record<string, string | undefined>

/** Runs the command that `argv` names. @returns the exit code: 0 success, 1 failure, 2 wrong usage. */
export async function run(argv: string[], environment: Environment): Promise<number> {
  try {
    await createProgram(environment).parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // commander has printed the error
    if (error instanceof UsageError || error instanceof InvalidSetting) {
      warn(error.message)
      return 2
    }
    if (userErrors.some((kind) => error instanceof kind)) {
      warn((error as Error).message)
    } else if (error instanceof DomainError && typeof error.body.detail === 'string') {
      warn(error.body.detail)
    } else if (describeSystemError(error) !== undefined) {
      warn(describeSystemError(error) as string)
    } else if (isEngineError(error) && error.code === 'SQLITE_FULL') {
      warn('The disk is full: nothing was stored. Make room there.')
    } else if (isEngineError(error)) {
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
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError('(--help says more)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
  let running = program
  program.hook('preAction', (_, command) => {
    running = command
  })
  const readForSending = (): Settings => readSettings(givenFlags(running), environment)
  const read = (): Settings => {
    const given = readForSending()
    return { ...given, database: followLinks(given.database) }
  }
  addSettings(program, undefined)
  for (const { name, settings: group, define } of commands) {
    const command = program.command(name)
    define(command, group === 'sending' ? readForSending : read)
    if (group) addSettings(command, group)
  }
  return program
}

/** Adds the settings of a group; without a group, those that every command has. */
function addSettings(command: Command, group: Group | undefined): Command {
  for (const setting of Object.values<Setting<unknown>>(settings)) {
    if (group ? !setting.commands?.includes(group) : setting.commands) continue
    const description = `${setting.description} (${setting.variable}; default: ${setting.default})`
    const option = new Option(setting.flag, description)
    command.addOption(setting.repeatable ? option.argParser(collect) : option)
  }
  return command
}

/** Collects the values of a flag that is given several times. */
function collect(value: string, values: string[] = []): string[] {
  return [...values, value]
}

/** The flags on the command line, without commander's own default values. */
function givenFlags(command: Command): Record<string, unknown> {
  const flags = Object.entries(command.optsWithGlobals())
  return Object.fromEntries(flags.filter(([name]) => command.getOptionValueSourceWithGlobals(name) === 'cli'))
}
