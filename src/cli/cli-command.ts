// What every subcommand is: commands.ts lists them.

import type { Command } from 'commander'
import type { Group, Settings } from './settings'

export interface CliCommand {
  name: string
  /** The settings that it takes besides those of every command. */
  settings?: Group
  /**
   * Says what it is for, which arguments and options it takes, and what it does.
   *
   * @param read  the settings as they are when it runs. @throws BadSetting
   */
  define(command: Command, read: () => Settings): void
}
