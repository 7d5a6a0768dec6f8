// Prints messages, and asks questions on a terminal or reads the answer from a pipe.

import { createInterface } from 'node:readline'
import * as prompts from '@clack/prompts'

/** Ends the program with a sentence on standard error and exit code 1. */
export class Failure extends Error {}

/** Ends the program with a sentence on standard error and exit code 2. */
export class UsageError extends Error {}

/** Whether a person can answer a question. The prompts of clack hang on a pipe. */
export function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function warn(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** @param validate  returns a sentence when an answer is wrong; then the question is asked again. */
export async function ask(
  message: string,
  defaultValue: string,
  validate: (answer: string) => string | undefined = () => undefined,
): Promise<string> {
  const options = { message, defaultValue, placeholder: defaultValue }
  return requireAnswer(
    await prompts.text({
      ...options,
      validate: (answer) => validate(answer === '' || answer === undefined ? defaultValue : answer),
    }),
  )
}

export async function confirm(message: string, initialValue: boolean): Promise<boolean> {
  return requireAnswer(await prompts.confirm({ message, initialValue }))
}

/** Asks twice for a password without showing it; without a terminal, reads one line of standard input. */
export async function readPassword(username: string): Promise<string> {
  const password = isTerminal() ? await askPassword(username) : await readLine()
  if (password === '') throw new Failure('The password is empty: nothing was changed.')
  if (password.length < 8)
    warn('Warning: this password is weak. Everybody who can reach the server can guess at it.')
  return password
}

async function askPassword(username: string): Promise<string> {
  for (;;) {
    const password = requireAnswer(
      await prompts.password({ message: `Password for ${username}`, mask: '', validate: refuseEmpty }),
    )
    const again = requireAnswer(await prompts.password({ message: 'The same password again', mask: '' }))
    if (password === again) return password
    warn('The two passwords differ: try again.')
  }
}

function refuseEmpty(password: string | undefined): string | undefined {
  return password ? undefined : 'A password is needed.'
}

async function readLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin })
  for await (const line of lines) {
    lines.close()
    return line
  }
  throw new Failure('A password is expected on standard input: nothing was changed.')
}

function requireAnswer<T>(value: T): Exclude<T, symbol> {
  if (typeof value === 'symbol') throw new Failure('Cancelled: nothing was changed.')
  return value as Exclude<T, symbol>
}
