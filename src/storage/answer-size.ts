// How much text one answer may be made of: beyond that it is given up while its rows are read, not when it is whole.

/** Of an answer as it is sent. */
export const MAX_ANSWER_BYTES = 32 * 1024 ** 2

import { AnswerTooLarge } from './errors'

/** Counts the text of rows. A character takes one byte of an answer at least. */
export class AnswerRoom {
  private left = MAX_ANSWER_BYTES

  /** Another answer begins. */
  begin(): void {
    this.left = MAX_ANSWER_BYTES
  }

  /** @throws AnswerTooLarge */
  take(row: object): void {
    for (const value of Object.values(row)) if (typeof value === 'string') this.left -= value.length
    if (this.left < 0) throw new AnswerTooLarge()
  }
}
