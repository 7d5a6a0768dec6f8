// Certificates of one's own making, as openssl makes them.

import type { Folder } from './binary'

/** Makes NAME.crt and NAME.key in the folder, for 127.0.0.1 and localhost. */
export async function makeCertificate(folder: Folder, name: string): Promise<void> {
  const { code, stderr } = await folder.shell(
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name} ` +
      `-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ${name}.key -out ${name}.crt`,
  )
  if (code !== 0) throw new Error(`openssl: ${stderr}`)
}
