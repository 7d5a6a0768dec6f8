// Where files are to be put: folders that are there and can be written to.

import { accessSync, constants, statSync } from 'node:fs'
import { Failure } from './terminal'

/** @param purpose  what must lie in the folder, for the sentence. @throws Failure */
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
