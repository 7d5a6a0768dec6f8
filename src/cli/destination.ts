// Where the commands that send do so, and as whom.

import { readFileSync } from 'node:fs'
import { type Destination, readDestination } from '../client/send'
import { whyUnreadable } from '../lib/system-errors'
import type { Settings } from './settings'
import { Failure, WrongUsage } from './terminal'

/**
 * Where to send to: what the command line names, or else the setting.
 *
 * @throws WrongUsage when nothing is named; Failure when the token cannot be read; NotSent when it is no URL.
 */
export function destinationOf(given: string | undefined, settings: Settings): Destination {
  const server = given ?? settings.url
  if (server === undefined)
    throw new WrongUsage('Name the server: as the last argument, or by AVOCADO_SERVER_URL.')
  return readDestination(server, settings.token ?? tokenOf(settings))
}

function tokenOf({ tokenFile }: Pick<Settings, 'tokenFile'>): string | undefined {
  if (tokenFile === undefined) return undefined
  let text: string
  try {
    text = readFileSync(tokenFile, 'utf8')
  } catch (error) {
    throw new Failure(`--token-file ${tokenFile}: ${whyUnreadable(error) ?? (error as Error).message}.`)
  }
  const token = text.trim()
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Failure(
      `--token-file ${tokenFile}: ${token === '' ? 'it is empty' : 'there is more in it than a token'}.`,
    )
  }
  return token
}
