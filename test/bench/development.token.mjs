import { KeyFile, tokenKeyPath } from '@interlock/authority';
import { SignJWT } from 'jose';

/** A token as `./interlock token` makes it, of a server with this data directory. */
export function tokenOf(dataDirectory, sub, roles) {
  const { keyId, privateKey } = KeyFile.open(tokenKeyPath(dataDirectory)).current;
  return new SignJWT({ roles })
    .setProtectedHeader({ alg: 'EdDSA', kid: keyId, typ: 'JWT' })
    .setIssuer('interlock')
    .setAudience('interlock')
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime('12h')
    .sign(privateKey);
}
