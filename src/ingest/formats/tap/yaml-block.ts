// The YAML behind a test: which lines are its own.

export class YamlBlock {
  #open: { indent: number; lines: string[]; line: number } | null = null

  /** @param onUnclosed  is told the line on which one began that does not end. */
  constructor(readonly onUnclosed: (line: number) => void) {}

  /** @param lines  where its lines go; `line`: the number of the one that opens it. */
  open(lines: string[], indent: number, line: number): void {
    this.#open = { indent, lines, line }
  }

  /** @returns whether the line is the YAML's. */
  takes(line: string, indent: number): boolean {
    if (!this.#open) return false
    const text = line.trim()
    const isEnd = text === '...' && indent <= this.#open.indent
    const isOutside = text !== '' && indent < this.#open.indent && !line.startsWith('\t')
    if (isEnd) this.#open = null
    else if (isOutside) this.end()
    else this.#open.lines.push(line)
    return isEnd || !isOutside
  }

  /** The file ends, or a line that is not of the YAML has come. */
  end(): void {
    if (this.#open) this.onUnclosed(this.#open.line)
    this.#open = null
  }
}
