module alexnet

go 1.25

require github.com/BurntSushi/toml v1.6.0

require github.com/vulkan-go/vulkan v0.0.0-20221209234627-c0a353ae26c8 // indirect
