// Plays scenes in the original engine: commands on the standard input, what came of each step on
// the standard output. Numbers are the bits of floats in hexadecimal digits.

#include <Box2D/Box2D.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

static int whole() {
    int value;
    std::cin >> std::dec >> value;
    return value;
}

static float number() {
    uint32_t bits;
    std::cin >> std::hex >> bits >> std::dec;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

static b2Vec2 point() {
    float x = number();
    float y = number();
    return b2Vec2(x, y);
}

static uint32_t bits(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

// Bodies carry their number where a program may keep a pointer.
static intptr_t number_of(b2Fixture *fixture) {
    return reinterpret_cast<intptr_t>(fixture->GetBody()->GetUserData());
}

struct Listener : b2ContactListener {
    void tell(const char *word, b2Contact *contact) {
        std::cout << word << ' ' << number_of(contact->GetFixtureA()) << ' '
                  << number_of(contact->GetFixtureB()) << '\n';
    }
    void BeginContact(b2Contact *contact) override { tell("begin", contact); }
    void EndContact(b2Contact *contact) override { tell("end", contact); }
};

struct Scene {
    Listener listener;
    b2World world;
    std::vector<b2Body *> bodies;
    std::vector<b2RevoluteJoint *> joints;

    explicit Scene(b2Vec2 gravity) : world(gravity) { world.SetContactListener(&listener); }

    b2Body *body() { return bodies[whole()]; }

    void add(b2BodyType type) {
        b2BodyDef plan;
        plan.type = type;
        plan.position = point();
        plan.angle = number();
        plan.userData = reinterpret_cast<void *>(static_cast<intptr_t>(bodies.size()));
        bodies.push_back(world.CreateBody(&plan));
    }

    void fix(const b2Shape &shape, b2Body *to) {
        b2FixtureDef plan;
        plan.shape = &shape;
        plan.density = number();
        plan.friction = number();
        plan.isSensor = whole() != 0;
        to->CreateFixture(&plan);
    }

    void join() {
        b2RevoluteJointDef plan;
        plan.bodyA = body();
        plan.bodyB = body();
        plan.localAnchorA = point();
        plan.localAnchorB = point();
        plan.referenceAngle = number();
        plan.lowerAngle = number();
        plan.upperAngle = number();
        plan.maxMotorTorque = number();
        plan.motorSpeed = number();
        plan.enableLimit = plan.enableMotor = true;
        joints.push_back(static_cast<b2RevoluteJoint *>(world.CreateJoint(&plan)));
    }

    void step() {
        float dt = number();
        int velocity_rounds = whole();
        int position_rounds = whole();
        world.Step(dt, velocity_rounds, position_rounds);
        for (b2Body *body : bodies) {
            if (body->GetType() != b2_dynamicBody) continue;
            b2Vec2 at = body->GetPosition(), velocity = body->GetLinearVelocity();
            std::cout << std::hex;
            for (float value : {at.x, at.y, body->GetAngle(), velocity.x, velocity.y,
                                body->GetAngularVelocity()}) {
                std::cout << bits(value) << ' ';
            }
            std::cout << std::dec << body->IsAwake() << '\n';
        }
    }
};

int main() {
    std::unique_ptr<Scene> scene;
    for (std::string word; std::cin >> word;) {
        if (word == "world") {
            scene.reset(new Scene(point()));
        } else if (word == "still") {
            scene->add(b2_staticBody);
        } else if (word == "moving") {
            scene->add(b2_dynamicBody);
        } else if (word == "edge") {
            b2Body *body = scene->body();
            b2Vec2 start = point(), end = point();
            b2EdgeShape shape;
            shape.Set(start, end);
            scene->fix(shape, body);
        } else if (word == "box") {
            b2Body *body = scene->body();
            b2Vec2 half = point();
            b2PolygonShape shape;
            shape.SetAsBox(half.x, half.y);
            scene->fix(shape, body);
        } else if (word == "polygon") {
            b2Body *body = scene->body();
            std::vector<b2Vec2> corners(whole());
            for (b2Vec2 &corner : corners) corner = point();
            b2PolygonShape shape;
            shape.Set(corners.data(), static_cast<int32>(corners.size()));
            scene->fix(shape, body);
        } else if (word == "joint") {
            scene->join();
        } else if (word == "drive") {
            b2RevoluteJoint *joint = scene->joints[whole()];
            joint->SetMotorSpeed(number());
            joint->SetMaxMotorTorque(number());
        } else if (word == "push") {
            b2Body *body = scene->body();
            body->ApplyForceToCenter(point(), true);
        } else if (word == "twist") {
            b2Body *body = scene->body();
            body->ApplyTorque(number(), true);
        } else if (word == "kick") {
            b2Body *body = scene->body();
            b2Vec2 impulse = point(), at = point();
            body->ApplyLinearImpulse(impulse, at, true);
        } else if (word == "step") {
            scene->step();
        } else {
            std::cerr << "unknown command " << word << '\n';
            return 1;
        }
    }
}
