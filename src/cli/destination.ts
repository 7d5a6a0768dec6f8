// Finds the server that a command sends to, and the credentials for it.

import { readFileSync } from 'node:fs'
import { type Destination, readDestination } from '../client/send'
import { describeReadError } from '../lib/system-errors'
import type { Settings } from './settings'
import { Failure, UsageError } from './terminal'

/**
 * Takes the server from the command line, or else from the setting.
 *
 * @throws UsageError when neither names a server; Failure when the token cannot be read; NotSent when it is not a URL.
 */
export function destinationOf(given: string | undefined, settings: Settings): Destination {
  const server = given ?? settings.url
  if (server === undefined)
    throw new UsageError('Name the server: as the last argument, or by AVOCADO_SERVER_URL.')
  return readDestination(server, settings.token ?? tokenOf(settings))
}

function tokenOf({ tokenFile }: Pick<Settings, 'tokenFile'>): string | undefined {
  if (tokenFile === undefined) return undefined
  let text: string
  try {
    text = readFileSync(tokenFile, 'utf8')
  } catch (error) {
    throw new Failure(`--token-file ${tokenFile}: ${describeReadError(error) ?? (error as Error).message}.`)
  }
  const token = text.trim()
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Failure(
      `--token-file ${tokenFile}: ${token === '' ? 'it is empty' : 'there is more in it than a token'}.`,
    )
  }
  return token
}
