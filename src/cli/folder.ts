// Checks that a folder exists and is writable before files are put there.

import { accessSync, constants, statSync } from 'node:fs'
import { Failure } from './terminal'

/** @param purpose  names what will be put in the folder, for the error message. @throws Failure */
export function requireFolder(folder: string, purpose: string): void {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (!found) throw new Failure(`The folder ${folder} does not exist: create it first.`)
  if (!found.isDirectory()) throw new Failure(`${folder} is no folder: ${purpose} must lie in one.`)
  try {
    accessSync(folder, constants.R_OK | constants.W_OK)
  } catch {
    throw new Failure(`The folder ${folder} is not writable: ${purpose} must lie in one that is.`)
  }
}
