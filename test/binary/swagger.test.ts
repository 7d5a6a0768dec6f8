// The API's page in the real Chromium, which can reach nothing but the server.

import { expect } from 'bun:test'
import { Folder } from '../support/binary'
import { chromiumPath, needing } from '../support/needs'

needing('chromium').each(['/swagger', '/swagger/'])(
  '%s shows the API to a browser that reaches no other host',
  async (path) => {
    using folder = new Folder()
    await using server = await folder.serve()
    const browser = Bun.spawn(
      [
        chromiumPath(),
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
        '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
        `--user-data-dir=${folder.path}/chromium`,
        '--enable-logging=stderr',
        '--virtual-time-budget=10000',
        '--dump-dom',
        server.origin + path,
      ],
      { stdout: 'pipe', stderr: 'pipe' },
    )
    const [page, log] = await Promise.all([browser.stdout.text(), browser.stderr.text()])
    const shown = ['Count all jobs by outcome', 'Add a job, with all that belongs to it', 'Environments']
    expect(shown.filter((text) => !page.includes(text))).toEqual([])
    expect(log.split('\n').filter((line) => /CONSOLE.*(Refused|violates|ERR_|Failed)/.test(line))).toEqual([])
  },
)
