# Dependencies come first in each stage, and sources in the order in which they change least: an
# edit of a source leaves the layers before it as they are.

# compiles the native library, the server and the page
FROM node:24-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make python3 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY scripts scripts
COPY binding.gyp ./
COPY native native
RUN node scripts/build.mjs native
COPY tsconfig.json vite.config.ts ./
COPY workers workers
COPY src src
RUN npm run -s build:js && node scripts/sbom.mjs dist/sbom.cdx.json

# the npm packages that the server needs
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY native native
COPY --from=build /app/build/Release/fmandel.node build/Release/
COPY --from=build /app/dist dist
USER node
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["node", "dist/src/cli.js", "health"]
CMD ["node", "dist/src/cli.js", "serve"]
