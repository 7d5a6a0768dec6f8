// The type of a subcommand; commands.ts lists them all.

import type { Command } from 'commander'
import type { Group, Settings } from './settings'

export interface CliCommand {
  name: string
  /** The group of settings that the command takes besides those of every command. */
  settings?: Group
  /**
   * Defines the description, arguments, options and action.
   *
   * @param read  reads the settings; called when the command runs. @throws InvalidSetting
   */
  define(command: Command, read: () => Settings): void
}
