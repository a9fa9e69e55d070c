# Stage 1: TypeScript → dist. Install scripts stay off: the development dependency `node` would download a second Node.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY connectors connectors
RUN npx tsc -p tsconfig.build.json

# Stage 2: what runs. No development packages, and none of those that only the sandboxes need.
FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json LICENSE README.md ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund && npm cache clean --force
COPY mappings mappings
COPY --from=build /app/dist dist
# pulseback.yaml and the embedded store live here: mount a volume over it.
RUN mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
ENTRYPOINT ["node", "/app/dist/src/bin.js"]
EXPOSE 8080
CMD ["serve", "--host", "0.0.0.0"]
